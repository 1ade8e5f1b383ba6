// SPDX-License-Identifier: Apache-2.0

// Package interop drives the program named by EXEC through terraform-exec, from init to destroy, and
// decodes all that it writes with terraform-json, as wrappers and CI systems do.
package interop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

var ctx = context.Background()

func workspace(t *testing.T) *tfexec.Terraform {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/people")); err != nil {
		t.Fatal(err)
	}
	tf, err := tfexec.NewTerraform(folder, os.Getenv("EXEC"))
	if err != nil {
		t.Fatal(err)
	}
	return tf
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// stream checks that each line of a -json stream is a message that terraform-json can read.
func stream(t *testing.T, output *bytes.Buffer, wanted ...string) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(output.Bytes()))
	lines.Buffer(nil, 1<<24)
	for n := 0; lines.Scan(); n++ {
		message, err := tfjson.UnmarshalLogMessage(lines.Bytes())
		if err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		if message.Timestamp().IsZero() || message.Level() == "" || message.Message() == "" {
			t.Errorf("a message without time, level or text: %s", lines.Text())
		}
		if _, isVersion := message.(tfjson.VersionLogMessage); n == 0 && !isVersion {
			t.Errorf("the first message is not of the version: %s", lines.Text())
		}
	}
	for _, text := range wanted {
		if !strings.Contains(output.String(), text) {
			t.Errorf("the stream lacks %s", text)
		}
	}
}

func TestLifeOfAWorkspace(t *testing.T) {
	tf := workspace(t)
	version, _, err := tf.Version(ctx, true)
	must(t, err)
	if version.Segments()[0] != 1 {
		t.Errorf("version %s", version)
	}
	must(t, tf.Get(ctx))
	var output bytes.Buffer
	must(t, tf.InitJSON(ctx, &output, tfexec.Upgrade(false)))
	stream(t, &output, "successfully initialized")
	valid, err := tf.Validate(ctx)
	must(t, err)
	equal(t, "valid", valid.Valid, true)

	t.Run("plan", func(t *testing.T) { plan(t, tf) })
	t.Run("apply", func(t *testing.T) { apply(t, tf) })
	t.Run("state", func(t *testing.T) { state(t, tf) })
	t.Run("import", func(t *testing.T) { importing(t, tf) })
	t.Run("workspaces", func(t *testing.T) { workspaces(t, tf) })
	t.Run("query", func(t *testing.T) { query(t, tf) })
	t.Run("schema", func(t *testing.T) { schema(t, tf) })
	t.Run("rest", func(t *testing.T) { rest(t, tf) })

	output.Reset()
	must(t, tf.DestroyJSON(ctx, &output))
	stream(t, &output, `"type":"apply_complete"`, `"action":"delete"`)
	left, err := tf.Show(ctx)
	must(t, err)
	if left.Values != nil && left.Values.RootModule != nil {
		t.Errorf("left after destroy: %v", left.Values.RootModule)
	}
}

func plan(t *testing.T, tf *tfexec.Terraform) {
	changes, err := tf.Plan(ctx, tfexec.Out("saved.plan"), tfexec.Var("secret=louder"))
	must(t, err)
	equal(t, "changes", changes, true)
	saved, err := tf.ShowPlanFile(ctx, "saved.plan")
	must(t, err)
	must(t, saved.Validate())
	equal(t, "variable", saved.Variables["secret"].Value, any("louder"))
	addresses := []string{}
	for _, change := range saved.ResourceChanges {
		if change.Change.Actions.Create() {
			addresses = append(addresses, change.Address)
		}
	}
	sort.Strings(addresses)
	equal(t, "to be created", addresses, []string{
		`module.team["ada"].aws_iam_user.this`, `module.team["ada"].aws_iam_user_policy.this`,
		`module.team["grace"].aws_iam_user.this`, `module.team["grace"].aws_iam_user_policy.this`,
		"terraform_data.note"})
	equal(t, "child modules", len(saved.PlannedValues.RootModule.ChildModules), 2)
	equal(t, "module's source", saved.Config.RootModule.ModuleCalls["team"].Source, "./module")
	equal(t, "outputs", len(saved.OutputChanges), 2)
	equal(t, "checks", len(saved.Checks) >= 2, true)
	text, err := tf.ShowPlanFileRaw(ctx, "saved.plan")
	must(t, err)
	if !strings.Contains(text, "5 to add, 0 to change, 0 to destroy") || strings.Contains(text, "louder") {
		t.Errorf("the plan as text: %s", text)
	}
	var output bytes.Buffer
	_, err = tf.PlanJSON(ctx, &output, tfexec.Target("terraform_data.note"))
	must(t, err)
	stream(t, &output, `"type":"planned_change"`, `"type":"change_summary"`)
}

func apply(t *testing.T, tf *tfexec.Terraform) {
	must(t, tf.Apply(ctx, tfexec.DirOrPlan("saved.plan")))
	changes, err := tf.Plan(ctx, tfexec.Var("secret=louder"))
	must(t, err)
	equal(t, "changes after apply", changes, false)
	outputs, err := tf.Output(ctx)
	must(t, err)
	equal(t, "a sensitive output", outputs["secret"].Sensitive, true)
	equal(t, "its value", string(outputs["secret"].Value), `"louder"`)
	equal(t, "an output's type", string(outputs["arns"].Type) != "", true)
	var output bytes.Buffer
	must(t, tf.ApplyJSON(ctx, &output, tfexec.Var(`people={"ada":"engine","grace":"cobol"}`)))
	stream(t, &output, `"type":"apply_start"`, `"type":"apply_complete"`, `"type":"outputs"`)
	output.Reset()
	must(t, tf.RefreshJSON(ctx, &output))
	stream(t, &output, `"type":"outputs"`)
	must(t, tf.Refresh(ctx))
	err = tf.Apply(ctx, tfexec.DirOrPlan("saved.plan"))
	if err == nil || !strings.Contains(err.Error(), "Saved plan is stale") {
		t.Errorf("a stale plan: %v", err)
	}
	_, err = tf.Plan(ctx, tfexec.Var("nobody=1"))
	if err == nil || !strings.Contains(err.Error(), "undeclared") {
		t.Errorf("an undeclared variable: %v", err)
	}
}

func state(t *testing.T, tf *tfexec.Terraform) {
	shown, err := tf.Show(ctx, tfexec.JSONNumber(true))
	must(t, err)
	for _, one := range shown.Values.RootModule.Resources {
		if one.Address == "terraform_data.note" {
			input := one.AttributeValues["input"].(map[string]any)
			equal(t, "a large number", fmt.Sprint(input["count"]), "12345678901234567890")
		}
	}
	must(t, tf.StateMv(ctx, "terraform_data.note", "terraform_data.moved"))
	must(t, tf.StateMv(ctx, "terraform_data.moved", "terraform_data.note"))
	text, err := tf.StatePull(ctx)
	must(t, err)
	path := filepath.Join(tf.WorkingDir(), "pulled.tfstate")
	must(t, os.WriteFile(path, []byte(strings.Replace(text, `"serial": `, `"serial": 9`, 1)), 0o600))
	must(t, tf.StatePush(ctx, path))
	must(t, tf.Taint(ctx, "terraform_data.note"))
	changes, err := tf.Plan(ctx)
	must(t, err)
	equal(t, "changes after taint", changes, true)
	must(t, tf.Untaint(ctx, "terraform_data.note"))
	file, err := tf.ShowStateFile(ctx, path)
	must(t, err)
	equal(t, "modules in the file", len(file.Values.RootModule.ChildModules), 2)
}

func importing(t *testing.T, tf *tfexec.Terraform) {
	address := `module.team["ada"].aws_iam_user_policy.this`
	must(t, tf.StateRm(ctx, address))
	must(t, tf.Import(ctx, address, "ada:own"))
	err := tf.Import(ctx, `module.team["grace"].aws_iam_user.this`, "grace")
	if err == nil || !strings.Contains(err.Error(), "Resource already managed") {
		t.Errorf("an import of what is there: %v", err)
	}
	err = tf.StateRm(ctx, "terraform_data.nobody")
	if err == nil {
		t.Error("state rm of what is not there succeeds")
	}
}

func workspaces(t *testing.T, tf *tfexec.Terraform) {
	must(t, tf.WorkspaceNew(ctx, "second"))
	names, current, err := tf.WorkspaceList(ctx)
	must(t, err)
	equal(t, "workspaces", names, []string{"default", "second"})
	equal(t, "current", current, "second")
	must(t, tf.WorkspaceSelect(ctx, "default"))
	shown, err := tf.WorkspaceShow(ctx)
	must(t, err)
	equal(t, "shown", shown, "default")
	must(t, tf.WorkspaceDelete(ctx, "second"))
	if err := tf.WorkspaceSelect(ctx, "second"); err == nil {
		t.Error("a workspace that is gone can be selected")
	}
}

func query(t *testing.T, tf *tfexec.Terraform) {
	path := filepath.Join(tf.WorkingDir(), "users.tfquery.hcl")
	must(t, os.WriteFile(path, []byte(`list "aws_iam_user" "all" {
  provider         = aws
  include_resource = true
}
`), 0o600))
	messages, err := tf.QueryJSON(ctx, tfexec.GenerateConfigOut("generated.tf"))
	must(t, err)
	found, total := map[string]bool{}, 0
	for message := range messages {
		must(t, message.Err)
		switch one := message.Msg.(type) {
		case tfjson.ListResourceFoundMessage:
			data := one.ListResourceFound
			found[data.DisplayName] = true
			equal(t, "an identity", data.Identity["name"], any(data.DisplayName))
			equal(t, "an object", data.ResourceObject["name"], any(data.DisplayName))
			equal(t, "blocks", strings.HasPrefix(data.Config, "resource \"aws_iam_user\" \"all_") &&
				strings.HasPrefix(data.ImportConfig, "import {"), true)
		case tfjson.ListCompleteMessage:
			total = one.ListComplete.Total
		}
	}
	equal(t, "found", found["ada"] && found["grace"], true)
	equal(t, "how many", total, len(found))
	must(t, os.Remove(path))
}

func schema(t *testing.T, tf *tfexec.Terraform) {
	all, err := tf.ProvidersSchema(ctx)
	must(t, err)
	must(t, all.Validate())
	aws := all.Schemas["registry.terraform.io/hashicorp/aws"]
	if aws == nil {
		t.Fatal("no schema of the AWS provider")
	}
	equal(t, "the user's name", aws.ResourceSchemas["aws_iam_user"].Block.Attributes["name"].Required, true)
	equal(t, "functions", aws.Functions["arn_parse"] != nil, true)
	functions, err := tf.MetadataFunctions(ctx)
	must(t, err)
	must(t, functions.Validate())
	equal(t, "many functions", len(functions.Signatures) > 200, true)
}

func rest(t *testing.T, tf *tfexec.Terraform) {
	graph, err := tf.Graph(ctx)
	must(t, err)
	if !strings.HasPrefix(graph, "digraph") {
		t.Errorf("graph: %s", graph)
	}
	text, err := tf.FormatString(ctx, "a=1\n")
	must(t, err)
	equal(t, "formatted", text, "a = 1\n")
	good, files, err := tf.FormatCheck(ctx)
	must(t, err)
	equal(t, "format", good, true)
	equal(t, "files", files, []string(nil))
	var output bytes.Buffer
	must(t, tf.Test(ctx, &output))
	stream(t, &output, `"type":"test_summary"`, `"passed":1`)
	must(t, os.WriteFile(filepath.Join(tf.WorkingDir(), "bad.tf"), []byte(`resource "aws_iam_user" "x" { nam = 1 }`), 0o600))
	bad, err := tf.Validate(ctx)
	must(t, err)
	equal(t, "valid", bad.Valid, false)
	equal(t, "errors", bad.ErrorCount, 2)
	equal(t, "a place", bad.Diagnostics[0].Range.Filename, "bad.tf")
	must(t, os.Remove(filepath.Join(tf.WorkingDir(), "bad.tf")))
}
