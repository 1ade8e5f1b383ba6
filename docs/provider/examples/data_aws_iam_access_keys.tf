resource "aws_iam_user" "ann" {
  name = "ann"
}

data "aws_iam_access_keys" "example" {
  user = aws_iam_user.ann.id
}
