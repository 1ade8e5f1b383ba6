data "aws_caller_identity" "current" {
}

data "aws_iam_session_context" "example" {
  arn = data.aws_caller_identity.current.arn
}
