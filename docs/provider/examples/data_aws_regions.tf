data "aws_regions" "example" {
}
