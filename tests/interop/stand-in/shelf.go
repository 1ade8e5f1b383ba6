// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// book is a resource that a list finds.
type book struct{}

func (book) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = "shelf_book"
}

func (book) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	r.Schema.Attributes = map[string]schema.Attribute{
		"title": schema.StringAttribute{Required: true},
		"pages": schema.Int64Attribute{Optional: true},
	}
}

func (book) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, r *resource.IdentitySchemaResponse) {
	r.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"title": identityschema.StringAttribute{RequiredForImport: true},
	}}
}

func (book) Create(_ context.Context, q resource.CreateRequest, r *resource.CreateResponse) {
	r.State.Raw = q.Plan.Raw
}

func (book) Read(ctx context.Context, q resource.ReadRequest, r *resource.ReadResponse) {
	var title string
	r.Diagnostics.Append(q.State.GetAttribute(ctx, path.Root("title"), &title)...)
	r.Diagnostics.Append(r.State.SetAttribute(ctx, path.Root("pages"), int64(len(title)))...)
}

func (book) Update(_ context.Context, q resource.UpdateRequest, r *resource.UpdateResponse) {
	r.State.Raw = q.Plan.Raw
}

func (book) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (book) ImportState(ctx context.Context, q resource.ImportStateRequest, r *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("title"), path.Root("title"), q, r)
}

func (book) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, r *list.ListResourceSchemaResponse) {
	r.Schema = listschema.Schema{Attributes: map[string]listschema.Attribute{
		"prefix": listschema.StringAttribute{Required: true},
	}}
}

func (book) ValidateListResourceConfig(ctx context.Context, q list.ValidateConfigRequest, r *list.ValidateConfigResponse) {
	var prefix types.String
	r.Diagnostics.Append(q.Config.GetAttribute(ctx, path.Root("prefix"), &prefix)...)
	if prefix.ValueString() == "wrong" {
		r.Diagnostics.AddAttributeError(path.Root("prefix"), "No such shelf", "There is none of that name.")
	}
}

// List has as many books as are wanted, and a few more than that.
func (book) List(ctx context.Context, q list.ListRequest, stream *list.ListResultsStream) {
	var prefix string
	q.Config.GetAttribute(ctx, path.Root("prefix"), &prefix)
	stream.Results = func(yield func(list.ListResult) bool) {
		for i := int64(0); i < q.Limit+3; i++ {
			title := fmt.Sprintf("%s-%d", prefix, i)
			one := q.NewListResult(ctx)
			one.DisplayName = strings.ToUpper(title)
			one.Identity.SetAttribute(ctx, path.Root("title"), title)
			if q.IncludeResource {
				one.Resource.SetAttribute(ctx, path.Root("title"), title)
				one.Resource.SetAttribute(ctx, path.Root("pages"), int64(len(title)))
			}
			if !yield(one) {
				return
			}
		}
	}
}

func (p standIn) ListResources(context.Context) []func() list.ListResource {
	if p.name != "shelf" {
		return nil
	}
	return []func() list.ListResource{func() list.ListResource { return book{} }}
}
