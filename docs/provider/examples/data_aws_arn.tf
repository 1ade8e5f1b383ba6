data "aws_arn" "example" {
  arn = "arn:aws:iam::123456789012:user/people/ann"
}
