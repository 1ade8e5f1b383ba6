resource "aws_iam_user" "ann" {
  name = "ann"
}

data "aws_iam_users" "example" {
  name_regex = "^a"
  depends_on = [aws_iam_user.ann]
}
