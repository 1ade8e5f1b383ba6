data "aws_service_principal" "example" {
  service_name = "ec2"
}
