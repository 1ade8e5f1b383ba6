# SPDX-License-Identifier: Apache-2.0
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" { type = string }

variable "work" { type = string }

resource "aws_iam_user" "this" {
  name          = var.name
  force_destroy = true
  tags          = { work = var.work }

  lifecycle {
    postcondition {
      condition     = self.unique_id != ""
      error_message = "A user has an id."
    }
  }
}

resource "aws_iam_user_policy" "this" {
  name   = "own"
  user   = aws_iam_user.this.name
  policy = data.aws_iam_policy_document.own.json
}

data "aws_iam_policy_document" "own" {
  statement {
    actions   = ["iam:GetUser"]
    resources = [aws_iam_user.this.arn]
  }
}

output "arn" { value = aws_iam_user.this.arn }
