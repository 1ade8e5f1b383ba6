// SPDX-License-Identifier: Apache-2.0

// Command sdk drives an IAM and STS with the AWS SDK for Go: objects, error types, pages, waiters,
// an assumed role that may do less than its creator.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const boundary = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}]}`

func must(what string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func check(what string, good bool, got any) {
	if !good {
		fmt.Printf("%s: got %v\n", what, got)
		os.Exit(1)
	}
}

// code is the error code of AWS inside an error of the SDK.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func users(ctx context.Context, client *iam.Client) {
	for i := 0; i < 7; i++ {
		name := fmt.Sprintf("gopher-%d", i)
		made, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Path: aws.String("/go/"),
			Tags: []types.Tag{{Key: aws.String("n"), Value: aws.String(fmt.Sprint(i))}}})
		must("CreateUser", err)
		check("a user's date", time.Since(*made.User.CreateDate) < time.Minute, made.User.CreateDate)
		must("UserExists waiter", iam.NewUserExistsWaiter(client).Wait(ctx, &iam.GetUserInput{UserName: &name}, 5*time.Second))
	}
	_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("gopher-0")})
	var exists *types.EntityAlreadyExistsException
	check("the second user of a name", errors.As(err, &exists), err)
	_, err = client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("nobody")})
	var missing *types.NoSuchEntityException
	check("a user that is not there", errors.As(err, &missing), err)
	_, err = client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("not good")})
	check("a bad name", code(err) == "ValidationError", err)

	seen, pages := map[string]bool{}, 0
	for p := iam.NewListUsersPaginator(client, &iam.ListUsersInput{PathPrefix: aws.String("/go/"), MaxItems: aws.Int32(3)}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(ctx)
		must("ListUsers", err)
		for _, u := range page.Users {
			seen[*u.UserName] = true
		}
	}
	check("users of all pages", len(seen) == 7 && pages == 3, fmt.Sprint(seen, pages))
}

func roles(ctx context.Context, conf aws.Config, client *iam.Client) {
	me, err := sts.NewFromConfig(conf).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	must("GetCallerIdentity", err)
	trust, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"AWS": "arn:aws:iam::" + *me.Account + ":root"}}}})
	made, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("go-reader"), AssumeRolePolicyDocument: aws.String(string(trust))})
	must("CreateRole", err)
	must("RoleExists waiter", iam.NewRoleExistsWaiter(client).Wait(ctx, &iam.GetRoleInput{RoleName: aws.String("go-reader")}, 5*time.Second))
	document, err := url.QueryUnescape(*made.Role.AssumeRolePolicyDocument)
	must("the trust policy", err)
	check("the trust policy", document == string(trust), document)
	policy, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("go-read"), PolicyDocument: aws.String(boundary)})
	must("CreatePolicy", err)
	must("PolicyExists waiter", iam.NewPolicyExistsWaiter(client).Wait(ctx, &iam.GetPolicyInput{PolicyArn: policy.Policy.Arn}, 5*time.Second))
	_, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("go-reader"), PolicyArn: policy.Policy.Arn})
	must("AttachRolePolicy", err)

	// root may not assume a role; a user with a key may.
	_, err = client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("gopher-1"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	must("AttachUserPolicy", err)
	key, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("gopher-1")})
	must("CreateAccessKey", err)
	asUser := conf.Copy()
	asUser.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}, nil
	})
	asRole := conf.Copy()
	asRole.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(asUser), *made.Role.Arn)
	reader := iam.NewFromConfig(asRole)
	_, err = reader.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("go-reader")})
	must("GetRole as the role", err)
	_, err = reader.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("too-much")})
	check("CreateUser as the role", code(err) == "AccessDenied", err)
	_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("go-reader")})
	var conflict *types.DeleteConflictException
	check("deletion of a role in use", errors.As(err, &conflict), err)
	account, err := client.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeRole}})
	must("GetAccountAuthorizationDetails", err)
	check("roles of the account", len(account.RoleDetailList) == 1, len(account.RoleDetailList))
	wrong := conf.Copy()
	wrong.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: "wrong"}, nil
	})
	_, err = iam.NewFromConfig(wrong).ListUsers(ctx, &iam.ListUsersInput{})
	check("a wrong secret", code(err) == "SignatureDoesNotMatch", err)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conf, err := config.LoadDefaultConfig(ctx)
	must("configuration", err)
	client := iam.NewFromConfig(conf)
	users(ctx, client)
	roles(ctx, conf, client)
	fmt.Println("the SDK is content")
}
