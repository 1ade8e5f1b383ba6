resource "aws_iam_server_certificate" "www" {
  name             = "www"
  certificate_body = file("certificate.pem")
  private_key      = file("key.pem")
}

data "aws_iam_server_certificate" "example" {
  name       = "www"
  depends_on = [aws_iam_server_certificate.www]
}
