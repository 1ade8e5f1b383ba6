resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_user_login_profile" "example" {
  user                    = aws_iam_user.ann.name
  password_length         = 24
  password_reset_required = true
}
