import WaybillCore

/// Events in the shapes of the SES developer guide.
enum SESEventTexts {
    static let delivery = "b3JkZXItY29uZmlybWF0aW9uL0EtMQ"
    static let attempt = "00112233445566778899aabbccddeeff"

    static func event(
        _ type: String,
        _ detail: String,
        tags: String = #""delivery":["\#(delivery)"],"attempt":["\#(attempt)"]"#,
        headersTruncated: String = "false"
    ) -> String {
        """
        {"eventType":"\(type)","mail":{"timestamp":"2026-11-23T21:04:05.240Z","messageId":"0100018f-000000",\
        "source":"Shop <orders@example.com>","sourceArn":"arn:aws:ses:us-east-1:123456789012:identity/example.com",\
        "sendingAccountId":"123456789012","destination":["zoe@example.com"],"headersTruncated":\(headersTruncated),\
        "headers":[{"name":"From","value":"orders@example.com"}],"commonHeaders":{"from":["orders@example.com"],\
        "to":["zoe@example.com"],"messageId":"0100018f-000000","subject":"Order"},\
        "tags":{"ses:configuration-set":["order-confirmations"],"ses:source-ip":["192.0.2.1"],\(tags)}},\(detail)}
        """
    }

    static let send = event("Send", #""send":{}"#)

    static let delivered = event(
        "Delivery",
        #"""
        "delivery":{"timestamp":"2026-11-23T21:04:09.413Z","processingTimeMillis":11893,"recipients":["zoe@example.com"],
        "smtpResponse":"250 2.6.0 Message received","reportingMTA":"mta.example.com","remoteMtaIp":"192.0.2.2"}
        """#
    )

    static func bounce(_ type: String, _ subtype: String) -> String {
        event(
            "Bounce",
            #"""
            "bounce":{"bounceType":"\#(type)","bounceSubType":"\#(subtype)","bouncedRecipients":[{"emailAddress":
            "zoe@example.com","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],
            "timestamp":"2026-11-23T21:05:02.012Z","feedbackId":"01000157","reportingMTA":"dsn; mta.example.com"}
            """#
        )
    }

    static func complaint(_ type: String) -> String {
        event(
            "Complaint",
            #"""
            "complaint":{"complainedRecipients":[{"emailAddress":"zoe@example.com"},{"emailAddress":"x@example.com"}],
            "timestamp":"2026-11-24T00:41:02.669Z","feedbackId":"01000158","complaintSubType":null,"userAgent":"Loop/1",
            "complaintFeedbackType":\#(type),"arrivalDate":"2026-11-24T00:41:02.669Z"}
            """#
        )
    }

    static let delay = event(
        "DeliveryDelay",
        #"""
        "deliveryDelay":{"timestamp":"2026-11-23T22:00:00.095Z","delayType":"TransientCommunicationFailure",
        "expirationTime":"2026-11-24T11:04:05.240Z","delayedRecipients":[{"emailAddress":"zoe@example.com",
        "status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect"}]}
        """#
    )

    static let reject = event("Reject", #""reject":{"reason":"Bad content"}"#)

    static let renderingFailure = event(
        "Rendering Failure",
        #""failure":{"errorMessage":"Attribute 'x' is not present","templateName":"T"}"#
    )

    static let open = event(
        "Open",
        #""open":{"ipAddress":"192.0.2.1","timestamp":"2026-11-24T08:00:00Z","userAgent":"M"}"#
    )
    static let click = event("Click", #""click":{"timestamp":"2026-11-24T08:00:00Z","link":"x","linkTags":null}"#)
    static let subscription = event("Subscription", #""subscription":{"contactList":"L"}"#)
}
