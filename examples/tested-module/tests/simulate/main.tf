# SPDX-License-Identifier: Apache-2.0
# What the role may do, asked of the account.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "role_arn" {
  type = string
}

variable "actions" {
  type = list(string)
}

variable "resource" {
  type = string
}

data "aws_iam_principal_policy_simulation" "this" {
  policy_source_arn = var.role_arn
  action_names      = var.actions
  resource_arns     = [var.resource]
}

output "all_allowed" {
  value = data.aws_iam_principal_policy_simulation.this.all_allowed
}
