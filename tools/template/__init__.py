"""The deployed template: read it, expand it as CloudFormation does, lint what will be deployed."""
