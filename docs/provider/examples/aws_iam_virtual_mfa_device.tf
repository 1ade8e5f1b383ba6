resource "aws_iam_virtual_mfa_device" "example" {
  virtual_mfa_device_name = "ann-phone"
}
