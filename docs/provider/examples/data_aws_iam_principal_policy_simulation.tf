resource "aws_iam_user" "ann" {
  name = "ann"
}

data "aws_iam_principal_policy_simulation" "example" {
  policy_source_arn = aws_iam_user.ann.arn
  action_names      = ["s3:GetObject"]
}
