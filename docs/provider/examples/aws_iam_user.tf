resource "aws_iam_user" "example" {
  name          = "ann"
  path          = "/people/"
  force_destroy = true

  tags = {
    Team = "platform"
  }
}
