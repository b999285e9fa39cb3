"""What the llama_cpp engine is made of: requests, prompts, grammars, tokens and answers."""
