resource "aws_iam_group" "example" {
  name = "readers"
  path = "/people/"
}
