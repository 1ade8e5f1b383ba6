resource "aws_iam_saml_provider" "corporate" {
  name                   = "corporate"
  saml_metadata_document = file("metadata.xml")
}

data "aws_iam_saml_provider" "example" {
  arn = aws_iam_saml_provider.corporate.arn
}
