resource "aws_iam_instance_profile" "app" {
  name = "app"
}

data "aws_iam_instance_profile" "example" {
  name = aws_iam_instance_profile.app.id
}
