resource "aws_iam_account_alias" "example" {
  account_alias = "example-team"
}
