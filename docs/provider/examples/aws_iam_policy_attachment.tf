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

# Takes the policy from everyone who is not listed here.
resource "aws_iam_policy_attachment" "example" {
  name       = "read-reports"
  policy_arn = aws_iam_policy.read.arn
  users      = [aws_iam_user.ann.name]
}
