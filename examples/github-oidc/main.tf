# SPDX-License-Identifier: Apache-2.0
# GitHub Actions deploys without stored keys: the account trusts GitHub's tokens, and each repository
# gets one role that only runs of its main branch may assume.

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

variable "repositories" {
  description = "Repositories that deploy, and the bucket that each may write"
  type        = map(object({ bucket = string }))
  default = {
    "example/site" = { bucket = "example-site" }
    "example/docs" = { bucket = "example-docs" }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}

data "aws_iam_policy_document" "trust" {
  for_each = var.repositories

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${each.key}:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  for_each = var.repositories

  name               = "deploy-${replace(each.key, "/", "-")}"
  path               = "/ci/"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

data "aws_iam_policy_document" "deploy" {
  for_each = var.repositories

  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${each.value.bucket}"]
  }

  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["arn:aws:s3:::${each.value.bucket}/*"]
  }
}

resource "aws_iam_role_policy" "deploy" {
  for_each = var.repositories

  name   = "deploy"
  role   = aws_iam_role.deploy[each.key].name
  policy = data.aws_iam_policy_document.deploy[each.key].json
}

output "role_arns" {
  description = "For the input role-to-assume of aws-actions/configure-aws-credentials"
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}
