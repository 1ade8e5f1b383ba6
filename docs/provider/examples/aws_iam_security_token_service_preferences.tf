resource "aws_iam_security_token_service_preferences" "example" {
  global_endpoint_token_version = "v2Token"
}
