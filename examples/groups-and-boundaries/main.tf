# SPDX-License-Identifier: Apache-2.0
# People get their permissions from groups. Team leads may create roles for their services, but only
# with a permissions boundary, so that no role can do more than the boundary allows.

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

variable "people" {
  description = "Groups of each person"
  type        = map(set(string))
  default = {
    alice = ["engineers", "leads"]
    bob   = ["engineers"]
  }

  validation {
    condition     = alltrue([for groups in values(var.people) : length(setsubtract(groups, ["engineers", "leads"])) == 0])
    error_message = "Groups are engineers and leads."
  }
}

data "aws_caller_identity" "current" {}

locals {
  policies = {
    engineers = data.aws_iam_policy_document.engineers.json
    leads     = data.aws_iam_policy_document.leads.json
  }
}

resource "aws_iam_user" "people" {
  for_each = var.people

  name          = each.key
  path          = "/people/"
  force_destroy = true
}

resource "aws_iam_group" "groups" {
  for_each = local.policies

  name = each.key
  path = "/people/"
}

resource "aws_iam_user_group_membership" "people" {
  for_each = var.people

  user   = aws_iam_user.people[each.key].name
  groups = [for name in each.value : aws_iam_group.groups[name].name]
}

resource "aws_iam_group_policy" "own" {
  for_each = local.policies

  name   = "own"
  group  = aws_iam_group.groups[each.key].name
  policy = each.value
}

data "aws_iam_policy_document" "engineers" {
  statement {
    sid       = "OwnCredentials"
    actions   = ["iam:ChangePassword", "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"]
    resources = ["arn:aws:iam::*:user/people/&{aws:username}"]
  }

  statement {
    sid       = "Look"
    actions   = ["iam:Get*", "iam:List*"]
    resources = ["*"]
  }
}

# What services may do at most.
resource "aws_iam_policy" "boundary" {
  name   = "service-boundary"
  path   = "/boundaries/"
  policy = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  statement {
    actions   = ["s3:*", "sqs:*", "logs:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "leads" {
  statement {
    sid       = "RolesOfServices"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
    resources = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/services/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}
