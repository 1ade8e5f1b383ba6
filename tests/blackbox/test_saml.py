# SPDX-License-Identifier: Apache-2.0
"""AssumeRoleWithSAML: responses signed by an identity provider of this test, and what is wrong with others."""
import base64
import hashlib
import json
import subprocess
import time

import pytest

pytest.importorskip('boto3')

ENTITY = 'https://idp.example.com/'
SAML = 'https://aws.amazon.com/SAML/Attributes/'
# What is signed stands here as it is after canonicalization.
ASSERTION = (
    '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="%(id)s" IssueInstant="%(now)s" Version="2.0">'
    '<Issuer>%(issuer)s</Issuer>%%s<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann'
    '</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">%(confirmation)s'
    '</SubjectConfirmation></Subject><Conditions NotBefore="%(now)s" NotOnOrAfter="%(until)s"><AudienceRestriction>'
    '<Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions><AttributeStatement>'
    '<Attribute Name="' + SAML + 'Role"><AttributeValue>%(role)s,%(provider)s</AttributeValue></Attribute>'
    '<Attribute Name="' + SAML + 'RoleSessionName"><AttributeValue>ann@example.com</AttributeValue></Attribute>'
    '</AttributeStatement></Assertion>')
INFO = (
    '<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#">'
    '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>'
    '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
    '<Reference URI="#%s"><Transforms>'
    '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>'
    '<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms>'
    '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
    '<DigestValue>%s</DigestValue></Reference></SignedInfo>')
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">'
    '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data>'
    '</KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
    'Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>')


def instant(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))


class Provider:
    """An identity provider with a key, and a role that its people may have."""

    def __init__(self, path, iam):
        self.key, certificate = str(path / 'idp.key'), str(path / 'idp.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', self.key, '-out',
                        certificate, '-subj', '/CN=idp', '-days', '30'], check=True, capture_output=True, timeout=60)
        with open(certificate, encoding='ascii') as f:
            body = ''.join(f.read().split('-----')[2].split())
        self.arn = iam.create_saml_provider(Name='idp', SAMLMetadataDocument=METADATA % (ENTITY, body))['SAMLProviderArn']
        self.role = iam.create_role(RoleName='staff', AssumeRolePolicyDocument=json.dumps({
            'Version': '2012-10-17', 'Statement': [{
                'Effect': 'Allow', 'Principal': {'Federated': self.arn}, 'Action': 'sts:AssumeRoleWithSAML',
                'Condition': {'StringEquals': {'SAML:aud': 'https://signin.aws.amazon.com/saml'}}}]}))['Role']['Arn']

    def response(self, tampered=('', ''), **told):
        """A response in base64; `tampered` replaces a text by another after it was signed."""
        confirmation = ('<SubjectConfirmationData NotOnOrAfter="%s" Recipient="https://signin.aws.amazon.com/saml">'
                        '</SubjectConfirmationData>' % instant(300))
        assertion = ASSERTION % dict({
            'id': '_a1', 'now': instant(-5), 'until': instant(300), 'issuer': ENTITY, 'role': self.role,
            'provider': self.arn, 'confirmation': confirmation}, **told)
        digest = base64.b64encode(hashlib.sha256((assertion % '').encode()).digest()).decode()
        info = INFO % ('_a1', digest)
        signed = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self.key], input=info.encode(), check=True,
                                capture_output=True, timeout=30).stdout
        signature = ('<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">%s<SignatureValue>%s</SignatureValue>'
                     '</Signature>' % (info, base64.b64encode(signed).decode()))
        whole = ('<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0">%s'
                 '</samlp:Response>' % (assertion % signature))
        return base64.b64encode(whole.replace(*tampered).encode()).decode()


def test_a_signed_response_is_worth_a_session(server, tmp_path):
    provider = Provider(tmp_path, server.client())
    sts = server.client('sts')
    got = sts.assume_role_with_saml(RoleArn=provider.role, PrincipalArn=provider.arn, SAMLAssertion=provider.response())
    assert got['AssumedRoleUser']['Arn'].endswith(':assumed-role/staff/ann@example.com')
    assert (got['Subject'], got['SubjectType'], got['Issuer']) == ('ann', 'persistent', ENTITY)
    assert got['Audience'] == 'https://signin.aws.amazon.com/saml'


def test_other_responses_are_refused_in_the_services_words(server, tmp_path):
    provider = Provider(tmp_path, server.client())
    sts = server.client('sts')

    def refused(response, principal=None):
        with pytest.raises(sts.exceptions.ClientError) as error:
            sts.assume_role_with_saml(RoleArn=provider.role, PrincipalArn=principal or provider.arn,
                                      SAMLAssertion=response)
        found = error.value.response['Error']
        return found['Code'], found['Message'].split(' (')[0]

    bad = 'InvalidIdentityToken'
    assert refused(provider.response(), provider.arn + 'x') == (bad, "Specified provider doesn't exist")
    assert refused('bm8gWE1M') == (bad, 'Invalid base64 SAMLResponse')
    assert refused(provider.response(tampered=('>ann<', '>bob<'))) == (bad, 'Response signature invalid')
    assert refused(provider.response(issuer='https://other.example.com/')) == (
        bad, 'Issuer not present in specified provider')
    assert refused(provider.response(role=provider.role + 'x')) == (
        bad, "SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
    assert refused(provider.response(confirmation='<SubjectConfirmationData></SubjectConfirmationData>')) == (
        bad, 'Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter')
    assert refused(provider.response(until=instant(-1))) == (
        'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance')
