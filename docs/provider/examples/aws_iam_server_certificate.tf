resource "aws_iam_server_certificate" "example" {
  name             = "www"
  certificate_body = file("certificate.pem")
  private_key      = file("key.pem")
}
