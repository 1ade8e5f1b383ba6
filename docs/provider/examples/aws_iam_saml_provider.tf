resource "aws_iam_saml_provider" "example" {
  name                   = "corporate"
  saml_metadata_document = file("metadata.xml")
}
