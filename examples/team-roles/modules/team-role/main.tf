# SPDX-License-Identifier: Apache-2.0
# One role of a team: who may assume it, and AWS's policies that it has.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "team" {
  type = string
}

variable "policies" {
  description = "Names of AWS's managed policies"
  type        = list(string)
}

variable "trusted" {
  description = "ARNs of those who may assume the role"
  type        = list(string)
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.trusted
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  path               = "/teams/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = var.team }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(var.policies)

  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

output "arn" {
  value = aws_iam_role.this.arn
}
