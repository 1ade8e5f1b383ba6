resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_policy" "read" {
  group = aws_iam_group.readers.name
  name  = "read-reports"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::reports/*"
    }]
  })
}

resource "aws_iam_group_policies_exclusive" "example" {
  group_name   = aws_iam_group.readers.name
  policy_names = [aws_iam_group_policy.read.name]
}
