data "aws_partition" "example" {
}
