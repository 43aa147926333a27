import { Button, type ButtonProps } from '@aauth-stack/ui';
import { useMutation } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { useSignIn } from './sign-in.tsx';

/** Takes the person to where they sign in, and says why where it cannot. */
export function SignInButton({ look, size, children }: Pick<ButtonProps, 'look' | 'size' | 'children'>) {
  const { begin } = useSignIn();
  const start = useMutation({ mutationFn: begin });
  return (
    <>
      <Button look={look} size={size} icon={LogIn} busy={start.isPending} onClick={() => start.mutate()}>
        {children}
      </Button>
      {start.error && <p role="alert">{start.error.message}</p>}
    </>
  );
}
