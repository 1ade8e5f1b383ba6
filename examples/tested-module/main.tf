# SPDX-License-Identifier: Apache-2.0
# A role that reads one bucket, as a module, with its tests: `AWS_ENDPOINT_URL=loam:memory loam test`.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "name" {
  description = "Name of the role"
  type        = string
  default     = "reader"

  validation {
    condition     = length(var.name) <= 32 && can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "A name has at most 32 small letters, digits and hyphens."
  }
}

variable "bucket" {
  description = "Bucket that the role reads"
  type        = string
  default     = "example-data"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${var.bucket}"]
  }

  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${var.bucket}/*"]
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.read.json
}

output "arn" {
  value = aws_iam_role.this.arn
}
