resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_user_policy" "read" {
  user = aws_iam_user.ann.name
  name = "read-reports"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::reports/*"
    }]
  })
}

resource "aws_iam_user_policies_exclusive" "example" {
  user_name    = aws_iam_user.ann.name
  policy_names = [aws_iam_user_policy.read.name]
}
