resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_signing_certificate" "example" {
  user_name        = aws_iam_user.ann.name
  certificate_body = file("certificate.pem")
}
