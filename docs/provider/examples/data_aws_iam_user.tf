resource "aws_iam_user" "ann" {
  name = "ann"
}

data "aws_iam_user" "example" {
  user_name = aws_iam_user.ann.id
}
