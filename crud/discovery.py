def object_types(principal):
    return []
def schema(object_type, principal):
    return {}
