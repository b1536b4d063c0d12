import WaybillPorts

/// Answers as STS and the endpoints beside containers and instances give them.
enum CredentialAnswers {
    static func sts(_ operation: String, key: String = "ASIA", expiration: String = "2023-11-14T23:13:20Z") -> String {
        """
        <\(operation)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(operation)Result>
        <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/x/waybill</Arn></AssumedRoleUser>
        <Credentials><AccessKeyId>\(key)</AccessKeyId><SecretAccessKey>private</SecretAccessKey>
        <SessionToken>token</SessionToken><Expiration>\(expiration)</Expiration></Credentials></\(operation)Result>
        <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></\(operation)Response>
        """
    }

    static func stsRefusal(_ code: String) -> String {
        "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>may not</Message></Error>"
            + "<RequestId>request-2</RequestId></ErrorResponse>"
    }

    static func json(key: String = "ASIA", expiration: String = "2023-11-14T23:13:20Z") -> String {
        """
        {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2023-11-14T22:00:00Z", "AccessKeyId": "\(key)",
        "SecretAccessKey": "private", "Token": "token", "Expiration": "\(expiration)"}
        """
    }
}
