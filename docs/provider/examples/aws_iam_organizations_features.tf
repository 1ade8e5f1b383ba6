resource "aws_iam_organizations_features" "example" {
  enabled_features = ["RootCredentialsManagement", "RootSessions"]
}
