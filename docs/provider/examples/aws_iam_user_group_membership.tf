resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_user_group_membership" "example" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.readers.name]
}
