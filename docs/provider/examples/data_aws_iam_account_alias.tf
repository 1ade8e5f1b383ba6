resource "aws_iam_account_alias" "team" {
  account_alias = "example-team"
}

data "aws_iam_account_alias" "example" {
  depends_on = [aws_iam_account_alias.team]
}
