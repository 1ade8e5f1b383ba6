resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_access_key" "example" {
  user = aws_iam_user.ann.name
}
