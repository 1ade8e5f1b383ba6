terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0", configuration_aliases = [aws.x] }
  }
  backend "local" {}
}
provider "aws" { alias = "x" }
variable "v" {
  type    = object({ a = optional(number, 1) })
  default = {}
  validation {
    condition     = var.v.a > 0
    error_message = "no"
  }
}
locals { l = 1 }
resource "aws_iam_user" "u" {
  for_each   = toset(["a"])
  name       = each.key
  provider   = aws.x
  depends_on = [local.l]
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags]
    replace_triggered_by  = [aws_iam_user.w[each.key]]
    postcondition {
      condition     = self.name != ""
      error_message = "no"
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = self.name
  }
}
module "m" {
  source    = "./m"
  providers = { aws = aws.x }
}
moved {
  from = a.b
  to   = module.m.a.b
}
import {
  for_each = toset([])
  to       = aws_iam_user.u[each.key]
  id       = each.key
}
removed {
  from = a.c
  lifecycle { destroy = false }
}
check "c" {
  data "a" "b" {}
  assert {
    condition     = data.a.b.x
    error_message = "no"
  }
}
output "o" { value = module.m.x }
