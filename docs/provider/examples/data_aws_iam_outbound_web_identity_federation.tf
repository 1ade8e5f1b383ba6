resource "aws_iam_outbound_web_identity_federation" "example" {
}

data "aws_iam_outbound_web_identity_federation" "example" {
  depends_on = [aws_iam_outbound_web_identity_federation.example]
}
