resource "aws_iam_group" "readers" {
  name = "readers"
}

data "aws_iam_group" "example" {
  group_name = aws_iam_group.readers.id
}
