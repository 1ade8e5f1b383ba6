data "aws_default_tags" "example" {
}
