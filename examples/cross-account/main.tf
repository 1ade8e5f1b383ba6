# SPDX-License-Identifier: Apache-2.0
# Roles that other accounts may assume: an auditor from a partner's account, who must name the agreed
# external id, and an operator from our own tools account, who must have signed in with MFA.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "partner_account" {
  description = "Account of the auditor"
  type        = string
  default     = "999988887777"

  validation {
    condition     = can(regex("^[0-9]{12}$", var.partner_account))
    error_message = "An account id has twelve digits."
  }
}

variable "tools_account" {
  description = "Account in which our people have their users"
  type        = string
  default     = "111122223333"
}

variable "external_id" {
  description = "Agreed with the partner, so that nobody else can have them act for him"
  type        = string
  default     = "audit-2026"
}

data "aws_iam_policy_document" "auditor" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.partner_account}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "auditor" {
  name                 = "auditor"
  assume_role_policy   = data.aws_iam_policy_document.auditor.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "auditor" {
  role       = aws_iam_role.auditor.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

data "aws_iam_policy_document" "operator" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.tools_account}:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }
  }
}

resource "aws_iam_role" "operator" {
  name                 = "operator"
  assume_role_policy   = data.aws_iam_policy_document.operator.json
  max_session_duration = 7200
}

resource "aws_iam_role_policy_attachment" "operator" {
  role       = aws_iam_role.operator.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

output "role_arns" {
  value = {
    auditor  = aws_iam_role.auditor.arn
    operator = aws_iam_role.operator.arn
  }
}
