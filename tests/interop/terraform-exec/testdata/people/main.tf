# SPDX-License-Identifier: Apache-2.0
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

variable "people" {
  type    = map(string)
  default = { ada = "engine", grace = "compiler" }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "quiet"
}

module "team" {
  source = "./module"
  for_each = {
    for name, work in var.people : name => work
  }
  name = each.key
  work = each.value
}

resource "terraform_data" "note" {
  input = {
    secret = var.secret
    count  = 12345678901234567890
  }
}

check "team" {
  assert {
    condition     = length(var.people) > 1
    error_message = "A team has two people at least."
  }
}

output "arns" {
  value = { for name, one in module.team : name => one.arn }
}

output "secret" {
  value     = var.secret
  sensitive = true
}
