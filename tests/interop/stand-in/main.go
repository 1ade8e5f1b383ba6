// SPDX-License-Identifier: Apache-2.0

// Command stand-in is a provider of a few resources, for suites whose workspaces name hashicorp/null
// or hashicorp/random, which cannot be built from a module proxy, and for lists. Its type is the word after
// "terraform-provider-" in the name of its file.
package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type standIn struct{ name string }

func (p standIn) Metadata(_ context.Context, _ provider.MetadataRequest, r *provider.MetadataResponse) {
	r.TypeName = p.name
}

func (standIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p standIn) Resources(context.Context) []func() resource.Resource {
	if p.name == "shelf" {
		return []func() resource.Resource{func() resource.Resource { return book{} }}
	}
	if p.name == "null" {
		return []func() resource.Resource{func() resource.Resource { return thing{name: "null_resource"} }}
	}
	return []func() resource.Resource{
		func() resource.Resource { return thing{name: "random_string"} },
		func() resource.Resource { return thing{name: "random_integer"} },
	}
}

// thing is a resource that exists in the state only.
type thing struct{ name string }

func (t thing) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = t.name
}

func (t thing) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	r.Schema.Attributes = map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, PlanModifiers: keep},
	}
	switch t.name {
	case "null_resource":
		r.Schema.Attributes["triggers"] = schema.MapAttribute{Optional: true, ElementType: types.StringType}
	case "random_string":
		r.Schema.Attributes["result"] = schema.StringAttribute{Computed: true, PlanModifiers: keep}
		r.Schema.Attributes["length"] = schema.Int64Attribute{Optional: true}
	case "random_integer":
		r.Schema.Attributes["min"] = schema.NumberAttribute{Required: true}
		r.Schema.Attributes["max"] = schema.NumberAttribute{Required: true}
		r.Schema.Attributes["seed"] = schema.StringAttribute{Optional: true}
		r.Schema.Attributes["result"] = schema.NumberAttribute{Computed: true}
	}
}

func (t thing) Create(ctx context.Context, q resource.CreateRequest, r *resource.CreateResponse) {
	r.State.Raw = q.Plan.Raw
	sum := crc32.ChecksumIEEE([]byte(fmt.Sprint(os.Getpid(), q.Plan.Raw)))
	r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("id"), fmt.Sprint(sum))...)
	if t.name == "random_string" {
		r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("result"), fmt.Sprintf("%08x", sum))...)
	}
	if t.name == "random_integer" {
		var highest *big.Float
		r.Diagnostics.Append(q.Plan.GetAttribute(ctx, path.Root("max"), &highest)...)
		r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("result"), highest)...)
		r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("id"), highest.Text('f', 0))...)
	}
}

func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (thing) Update(_ context.Context, q resource.UpdateRequest, r *resource.UpdateResponse) {
	r.State.Raw = q.Plan.Raw
}

func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (t thing) ImportState(ctx context.Context, q resource.ImportStateRequest, r *resource.ImportStateResponse) {
	r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("id"), q.ID)...)
	if t.name == "random_string" {
		r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("result"), q.ID)...)
	}
}

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	name, _, _ = strings.Cut(name, "_")
	address := "registry.terraform.io/hashicorp/" + name
	err := providerserver.Serve(context.Background(), func() provider.Provider { return standIn{name} },
		providerserver.ServeOpts{Address: address, ProtocolVersion: 5})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
