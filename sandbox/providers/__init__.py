"""The channel providers: SMS and email pass through here to the emulator, WhatsApp ends here.

Function workers are started with AWS_ENDPOINT_URL_SNS, …_SESV2 and …_SOCIALMESSAGING that point at
the sandbox, so that faults act on the wire and the product's code never knows.
"""
