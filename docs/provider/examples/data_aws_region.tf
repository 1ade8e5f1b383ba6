data "aws_region" "example" {
}
