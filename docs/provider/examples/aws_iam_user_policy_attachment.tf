resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_policy" "read" {
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

resource "aws_iam_user_policy_attachment" "example" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.read.arn
}
