resource "aws_iam_outbound_web_identity_federation" "example" {
}
