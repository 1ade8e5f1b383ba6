# SPDX-License-Identifier: Apache-2.0
# Permission sets as a module: each team has the same three roles, which differ by what they attach.

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

  default_tags {
    tags = {
      "managed-by" = "loam"
    }
  }
}

variable "teams" {
  description = "Teams, and who may assume their roles"
  type        = map(object({ members = list(string) }))
  default = {
    platform = { members = ["alice"] }
    data     = { members = ["alice", "bob"] }
  }
}

locals {
  sets = {
    read  = ["ReadOnlyAccess"]
    work  = ["PowerUserAccess"]
    audit = ["SecurityAudit", "job-function/ViewOnlyAccess"]
  }

  roles = merge([
    for team, about in var.teams : {
      for set, policies in local.sets : "${team}-${set}" => {
        team     = team
        policies = policies
        members  = about.members
      }
    }
  ]...)
}

resource "aws_iam_user" "people" {
  for_each = toset(flatten([for about in values(var.teams) : about.members]))

  name          = each.key
  force_destroy = true
}

module "roles" {
  source   = "./modules/team-role"
  for_each = local.roles

  name     = each.key
  team     = each.value.team
  policies = each.value.policies
  trusted  = [for name in each.value.members : aws_iam_user.people[name].arn]
}

output "role_arns" {
  value = { for name, role in module.roles : name => role.arn }
}
