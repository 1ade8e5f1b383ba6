data "aws_caller_identity" "example" {
}
